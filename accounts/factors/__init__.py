"""What proves who a user is: how it is made and matched, without rows."""

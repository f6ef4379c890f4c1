"""What proves who somebody is: how it is made and matched, without rows."""

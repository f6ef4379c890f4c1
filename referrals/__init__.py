"""The work: a referral, from the form to the pharmacy's system."""

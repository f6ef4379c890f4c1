"""A referral as an NHS Booking and Referral Standard (BaRS) message, and the answer to one."""

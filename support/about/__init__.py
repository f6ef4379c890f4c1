"""What PharmRefer says of itself: what is new, accessibility, privacy, cookies and terms."""

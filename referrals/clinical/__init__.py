"""What may go to a pharmacy: clinical content as dated data, and the rule that decides by it."""

"""Who there is: regions, schools, accounts, roles; and the one rule of who may see what."""

"""What is published into a class: by the lead classroom's browser, or by an appliance."""

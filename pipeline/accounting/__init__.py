"""What nodes say of themselves, and what that adds up to: every frame is in one place of a report."""

"""Windows: the MSI with the embeddable Python, its launchers, the policy templates, signing."""

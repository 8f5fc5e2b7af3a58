"""After-call work: outcomes, scripts, callbacks, and bringing them to the CRM."""

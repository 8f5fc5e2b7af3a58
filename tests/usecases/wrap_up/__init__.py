"""After-call work: outcomes, scripts, callbacks, records and their way to the CRM."""

"""HubSpot: contacts, companies, notes and communications through its CRM API."""

"""Notices on their way out of the house: mail, webhook, WeCom, DingTalk. The README says how."""

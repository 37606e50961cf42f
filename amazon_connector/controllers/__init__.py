from . import labels, oauth, portal

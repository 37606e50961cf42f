"""Methods that Odoo 18 marks as private, and that Odoo 17 lets anybody call over RPC: they read what `read` would hide.
"""

import re

from odoo import models

models.regex_private = re.compile(rf'{models.regex_private.pattern}|^(mapped|filtered|filtered_domain|grouped|sorted)$')

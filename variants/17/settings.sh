# Sourced by scripts/common.sh: what differs in the template database.
# shellcheck shell=bash disable=SC2034
# The first company gets the chart of the module that was installed last, unless it has one: dollars, as with later Odoos.
TEMPLATE_FIRST=account
# Odoo 17 has these charts, and the audit trail, in other modules.
TEMPLATE_MODULES=${TEMPLATE_MODULES/l10n_us_account/l10n_us}
TEMPLATE_MODULES=${TEMPLATE_MODULES/l10n_fr_account/l10n_fr},account_audit_trail

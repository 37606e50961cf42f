# Sourced by scripts/common.sh: what differs in the template database.
# shellcheck shell=bash disable=SC2034
# Odoo 17 has these charts in other modules.
TEMPLATE_MODULES=${TEMPLATE_MODULES/l10n_us_account/l10n_us,l10n_generic_coa}
TEMPLATE_MODULES=${TEMPLATE_MODULES/l10n_fr_account/l10n_fr}

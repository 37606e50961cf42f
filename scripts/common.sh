# Sourced by the other scripts: where things are, and how to speak to the person who runs them.
# shellcheck shell=bash
set -euo pipefail

PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${AMAZON_CONNECTOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/amazon-connector-odoo}
PORT=${PORT:-8069}
# Two checkouts that share a server work side by side when each has a prefix of its own.
DATABASE_PREFIX=${DATABASE_PREFIX:-amazon}

key() { cat "$@" | sha256sum | cut -c1-12; }

VENV=$CACHE/python-$(key "$PROJECT/scripts/environment.txt")
ODOO_ROOT=$CACHE/odoo-19-r2
RUN=$CACHE/run-$(printf %s "$PROJECT" | sha256sum | cut -c1-12)
SERVER_DATA=$CACHE/postgresql-18
# Odoo's own modules that the working databases are copied with; the addon's manifest decides what it needs of them.
TEMPLATE_MODULES=sale_management,sale_stock,stock_delivery,stock_account,account,l10n_us_account,l10n_ca,l10n_de,l10n_fr_account,l10n_uk,l10n_it,l10n_es,l10n_pl,l10n_jp,l10n_eu_oss,base_vat,product_expiry,sale_margin,sale_mrp
TEMPLATE=amazon_template_$(printf %s "$TEMPLATE_MODULES-r1" | sha256sum | cut -c1-8)
# The same with the company of the tests: its chart of accounts would take each test class several seconds.
TEST_TEMPLATE=${TEMPLATE}_tests

say() { printf '%s\n' "$*" >&2; }
step() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || die "$1 is missing: install it with '$2'"; }

# Print the path of Odoo's Python code: ODOO_PATH of the user, the unpacked package, or the clone.
odoo_path() {
    if [ -n "${ODOO_PATH:-}" ]; then
        [ -d "$ODOO_PATH/odoo" ] && [ -d "$ODOO_PATH/addons" ] ||
            die "ODOO_PATH=$ODOO_PATH holds no 'odoo' and 'addons' folders: point it at a checkout of Odoo 19"
        printf %s "$ODOO_PATH"
    elif [ -d "$ODOO_ROOT/clone" ]; then
        printf %s "$ODOO_ROOT/clone"
    else
        printf %s "$ODOO_ROOT/usr/lib/python3/dist-packages"
    fi
}

# Start the private PostgreSQL unless the user names a server, and export what libpq and Odoo need.
use_postgresql() {
    if [ -z "${PGHOST:-}" ]; then
        PGHOST=$("$VENV/bin/python" -W ignore "$PROJECT/scripts/postgresql.py" start "$SERVER_DATA")
        PGUSER=odoo
    fi
    export PGHOST PGUSER=${PGUSER:-$(id -un)} PGPORT=${PGPORT:-5432}
}

# The configuration that every Odoo command of this project shares.
write_config() {
    mkdir -p "$RUN"
    export ODOO_RC=$RUN/odoo.conf
    printf '%s\n' '[options]' "addons_path = $(odoo_path)/addons,$PROJECT" "data_dir = $CACHE/filestore" \
        "db_host = $PGHOST" "db_port = $PGPORT" "db_user = $PGUSER" > "$ODOO_RC"
}

run_odoo() {
    write_config
    PYTHONPATH=$(odoo_path) PATH=$VENV/bin:$PATH "$VENV/bin/python" -W ignore -m odoo "$@"
}

# Run Python with this project's pure packages, its scripts and tests at hand, and all that they need to start servers.
run_python() {
    use_postgresql
    AMAZON_PROJECT=$PROJECT AMAZON_RUN=$RUN AMAZON_TEMPLATE=$TEMPLATE AMAZON_CACHE=$CACHE PORT=$PORT DATABASE_PREFIX=$DATABASE_PREFIX \
        PYTHONPATH=$PROJECT/scripts:$PROJECT/tests:$PROJECT/amazon_connector PATH=$VENV/bin:$PATH "$VENV/bin/python" "$@"
}

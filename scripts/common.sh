# Sourced by the other scripts: where things are, and how to speak to the person who runs them.
# shellcheck shell=bash
set -euo pipefail

PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${AMAZON_CONNECTOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/amazon-connector-odoo}
# Below it, Odoo keeps the files of each database.
DATA=$CACHE/filestore
export AMAZON_FILES=$DATA/filestore
PORT=${PORT:-8069}
# Two checkouts that share a server work side by side when each has a prefix of its own.
DATABASE_PREFIX=${DATABASE_PREFIX:-amazon}

# What `main` is written for; other series are variants of it, made by `variants/variant.py` below build/.
MAIN_SERIES=$(sed -n "s/.*'version': '\([0-9]*\)\..*/\1/p" "$PROJECT/amazon_connector/__manifest__.py")
export SERIES=${SERIES:-$MAIN_SERIES}
# The series between this one and main's, newest first: each is a layer on top of those before it.
LAYERS=$([ "$SERIES" = "$MAIN_SERIES" ] || seq $((MAIN_SERIES - 1)) -1 "$SERIES")
for layer in $LAYERS; do
    [ -d "$PROJECT/variants/$layer" ] || { printf 'error: there is no variant for Odoo %s (no folder variants/%s)\n' "$SERIES" "$layer" >&2; exit 1; }
done

# Print the packages of this series' environment: a line of a layer stands for main's of that package, `-name` leaves it out.
environment() {
    local layer files=("$PROJECT/scripts/environment.txt")
    for layer in $LAYERS; do files+=("$PROJECT/variants/$layer/environment.txt"); done
    [ -n "$LAYERS" ] || { cat "${files[@]}"; return; }
    awk -F== '/^#/ || !NF { next } /^-/ { delete pins[substr($1, 2)]; next } { pins[$1] = $0 } END { for (name in pins) print pins[name] }' \
        "${files[@]}" | sort
}

VENV=$CACHE/python-$(environment | sha256sum | cut -c1-12)
SERVER_DATA=$CACHE/postgresql-18
# Odoo's own modules that the working databases are copied with; the addon's manifest decides what it needs of them.
TEMPLATE_MODULES=sale_management,sale_stock,stock_delivery,stock_account,account,l10n_us_account,l10n_ca,l10n_de,l10n_fr_account,l10n_uk,l10n_it,l10n_es,l10n_pl,l10n_jp,l10n_eu_oss,base_vat,product_expiry,sale_margin,sale_mrp
if [ "$SERIES" = "$MAIN_SERIES" ]; then
    # The tree that holds the addon.
    TREE=$PROJECT
    ODOO_ROOT=$CACHE/odoo-19-r2
    ODOO_GIVEN=${ODOO_PATH:-}
    TEMPLATE=amazon_template_$(printf %s "$TEMPLATE_MODULES-r1" | sha256sum | cut -c1-8)
else
    TREE=$PROJECT/build/$SERIES.0
    ODOO_ROOT=$CACHE/odoo-$SERIES
    path=ODOO_PATH_$SERIES
    ODOO_GIVEN=${!path:-}
    for layer in $LAYERS; do
        # shellcheck source=/dev/null
        [ ! -e "$PROJECT/variants/$layer/settings.sh" ] || source "$PROJECT/variants/$layer/settings.sh"
    done
    # Checkouts of one series differ, too.
    TEMPLATE=amazon_template_${SERIES}_$(printf %s "$TEMPLATE_MODULES-r1$ODOO_GIVEN" | sha256sum | cut -c1-8)
    case $DATABASE_PREFIX in *_"$SERIES") ;; *) DATABASE_PREFIX=${DATABASE_PREFIX}_$SERIES ;; esac
fi
RUN=$CACHE/run-$(printf %s "$TREE" | sha256sum | cut -c1-12)
# The same with the company of the tests: its chart of accounts would take each test class several seconds.
TEST_TEMPLATE=${TEMPLATE}_tests

say() { printf '%s\n' "$*" >&2; }
step() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || die "$1 is missing: install it with '$2'"; }

# Print the path of Odoo's Python code: the one that the user names, the unpacked package, or the clone.
odoo_path() {
    if [ -n "$ODOO_GIVEN" ]; then
        [ -d "$ODOO_GIVEN/odoo" ] && [ -d "$ODOO_GIVEN/addons" ] ||
            die "ODOO_PATH=$ODOO_GIVEN holds no 'odoo' and 'addons' folders: point it at a checkout of Odoo $SERIES"
        printf %s "$ODOO_GIVEN"
    elif [ -d "$ODOO_ROOT/clone" ]; then
        printf %s "$ODOO_ROOT/clone"
    else
        printf %s "$ODOO_ROOT/usr/lib/python3/dist-packages"
    fi
}

# Whether this series' Odoo is here, or can be had without asking anybody: main's is built by itself.
have_odoo() { [ "$SERIES" = "$MAIN_SERIES" ] || [ -n "$ODOO_GIVEN" ] || [ -e "$ODOO_ROOT/.complete" ]; }

need_odoo() {
    have_odoo || die "no Odoo $SERIES here: name a checkout by ODOO_PATH_$SERIES=…, or have one downloaded by 'make build SERIES=$SERIES'"
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
    printf '%s\n' '[options]' "addons_path = $(odoo_path)/addons,$TREE" "data_dir = $DATA" \
        "db_host = $PGHOST" "db_port = $PGPORT" "db_user = $PGUSER" > "$ODOO_RC.$$"
    # Whoever reads it at this moment sees the old one or the new one.
    mv "$ODOO_RC.$$" "$ODOO_RC"
}

# Print the file that starts Odoo: Odoo starts itself again by it, which it cannot where `-m odoo` started it.
odoo_script() {
    local path script
    path=$(odoo_path)
    for script in "$path/odoo-bin" "$path/../../../bin/odoo"; do
        [ ! -f "$script" ] || { printf %s "$script"; return; }
    done
    die "$path has neither 'odoo-bin' nor Debian's 'bin/odoo'"
}

run_odoo() {
    write_config
    PYTHONPATH=$(odoo_path) PATH=$VENV/bin:$PATH "$VENV/bin/python" -W ignore "$(odoo_script)" "$@"
}

# Run Python with this project's pure packages, its scripts and tests at hand, and all that they need to start servers.
run_python() {
    use_postgresql
    AMAZON_PROJECT=$PROJECT AMAZON_TREE=$TREE AMAZON_RUN=$RUN AMAZON_TEMPLATE=$TEMPLATE AMAZON_CACHE=$CACHE PORT=$PORT DATABASE_PREFIX=$DATABASE_PREFIX \
        PYTHONPATH=$PROJECT/scripts:$PROJECT/tests:$TREE/amazon_connector PATH=$VENV/bin:$PATH "$VENV/bin/python" "$@"
}

"""Print an apt sources list for one Debian suite, on the mirror that this system's own apt uses for Debian."""

import pathlib
import re
import sys

APT = pathlib.Path('/etc/apt')


def _stanzas():
    """Yield (uri, suites, options) for every binary source that apt knows."""
    for path in sorted(APT.glob('sources.list.d/*.sources')):
        for block in re.split(r'\n\s*\n', path.read_text()):
            fields = dict(re.findall(r'^([\w-]+):[ \t]*(.+)$', block, re.MULTILINE))
            if 'URIs' in fields and fields.get('Enabled', 'yes') != 'no':
                signed = fields.get('Signed-By')
                yield fields['URIs'].split()[0], fields['Suites'], f'[signed-by={signed}] ' if signed else ''
    for path in [APT / 'sources.list', *sorted(APT.glob('sources.list.d/*.list'))]:
        lines = path.read_text().splitlines() if path.exists() else []
        for line in lines:
            match = re.match(r'deb\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)', line)
            if match:
                yield match[2], match[3], match[1] or ''


def debian_source(suite: str) -> str:
    """Return one line of a sources list.

    :raises SystemExit: when apt on this system has no Debian archive
    """
    for uri, suites, options in _stanzas():
        if re.search(r'/debian/?$', uri) and 'security' not in suites:
            return f'deb {options}{uri} {suite} main'
    raise SystemExit("error: apt has no Debian archive here: set ODOO_PATH to a checkout of Odoo 19")


if __name__ == '__main__':
    print(debian_source(sys.argv[1]))

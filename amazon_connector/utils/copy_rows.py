"""Rows written below the ORM, by PostgreSQL's COPY, where there are thousands."""

import io


def copy_rows(cr, table: str, columns: tuple, rows):
    """Write rows into a table. An empty value is NULL, and ends of lines and tabs become blanks.

    The caller flushes what the rows refer to, and invalidates the model.

    :param rows: an iterable of values in the order of `columns`
    """
    buffer = io.StringIO()
    for values in rows:
        buffer.write(_to_line(values))
    buffer.seek(0)
    cr.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (NULL '')", buffer)


def _to_line(values):
    """Return values as a line of PostgreSQL's COPY."""
    texts = ['' if value is None else str(value) for value in values]
    line = '\t'.join(texts)
    # Hardly any value has such a letter.
    if line.count('\t') >= len(texts) or '\n' in line or '\r' in line:
        line = '\t'.join(' '.join(text.splitlines()).replace('\t', ' ') for text in texts)
    return line.replace('\\', '\\\\') + '\n'

"""Labels as real documents: PDF, PNG and ZPL of four by six inches."""

import io

from PIL import Image, ImageDraw
from reportlab.pdfgen import canvas

WIDTH, HEIGHT, DPI = 4, 6, 203
CONTENT_TYPES = {'PDF': 'application/pdf', 'PNG': 'image/png', 'ZPL': 'application/zpl'}


def make_label(form: str, lines: list[str]) -> bytes:
    """Return a label with these lines of text.

    :param str form: PDF, PNG or ZPL
    """
    return {'PDF': _pdf, 'PNG': _png, 'ZPL': _zpl}[form](lines)


def _pdf(lines):
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=(WIDTH * 72, HEIGHT * 72))
    for position, line in enumerate(lines):
        page.drawString(20, HEIGHT * 72 - 40 - 20 * position, line)
    page.rect(8, 8, WIDTH * 72 - 16, HEIGHT * 72 - 16)
    page.save()
    return buffer.getvalue()


def _png(lines):
    image = Image.new('1', (WIDTH * DPI, HEIGHT * DPI), 1)
    draw = ImageDraw.Draw(image)
    for position, line in enumerate(lines):
        draw.text((40, 60 + 40 * position), line.encode('ascii', 'replace').decode(), fill=0)
    buffer = io.BytesIO()
    image.save(buffer, 'PNG')
    return buffer.getvalue()


def _zpl(lines):
    fields = ''.join(f'^FO40,{60 + 40 * position}^A0N,30,30^FD{line}^FS' for position, line in enumerate(lines))
    return f'^XA^CI28{fields}^XZ'.encode()

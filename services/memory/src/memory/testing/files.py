"""Documents made for tests: small real ones of each format, and hostile ones."""

import io
import stat
import zipfile
from collections.abc import Mapping, Sequence

import docx
import openpyxl
import pptx

CONTENT_TYPES = "[Content_Types].xml"


def a_pdf(pages: Sequence[str]) -> bytes:
    """Return a PDF with one line of text on each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, line in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({line}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    return _pdf_file(objects)


def _pdf_file(objects: Sequence[str]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return bytes(out) + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def a_docx() -> bytes:
    """Return a DOCX with two headings, texts and a table."""
    document = docx.Document()
    document.add_heading("Turbine manual", level=1)
    document.add_paragraph("Read this before work.")
    document.add_heading("Bearings", level=2)
    document.add_paragraph("The bearings are changed every two years.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["part", "number", "bearing", "B-77"], strict=True):
        cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def a_pptx() -> bytes:
    """Return a PPTX with two slides, the second with notes."""
    deck = pptx.Presentation()
    for title, body in (("Winter plan", "Heat the halls"), ("Costs", "Nine thousand euros")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    notes = deck.slides[1].notes_slide.notes_text_frame
    notes.text = "Ask the treasurer."
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def an_xlsx(rows: int = 3) -> bytes:
    """Return an XLSX with one sheet of orders."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Orders"
    sheet.append(["order", "amount"])
    for number in range(rows):
        sheet.append([f"A-{number}", number * 10])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def an_archive(parts: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive that begins like a DOCX."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {CONTENT_TYPES: b"<Types/>", "word/document.xml": b"<w/>", **parts}.items():
            archive.writestr(name, content)
    return file.getvalue()


def a_link(target: str) -> bytes:
    """Return a DOCX one of whose parts is a symbolic link."""
    link = zipfile.ZipInfo("word/settings.xml")
    link.create_system = 3  # Unix, whose file types stand in the upper half of the attributes
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO(an_archive({}))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(link, target)
    return out.getvalue()


def a_bomb(unpacked: int) -> bytes:
    """Return a small DOCX whose main part unpacks to so many bytes."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        for _ in range(unpacked // (1 << 20)):
            part.write(b" " * (1 << 20))
    return file.getvalue()


def with_part(office_file: bytes, name: str, content: bytes) -> bytes:
    """Return the office file with one part put in or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(office_file)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()

"""What every page of research is made of: one HTML file that needs nothing from elsewhere.

1. `document.document`: head, Content-Security-Policy, styles, scripts, the switch of the theme.
2. `tables.html_table`: a table whose texts are escaped; `level_style`: the colours of levels.
3. `payload`: JSON and typed arrays that a script of the page reads.
4. `output`: pages are written whole or not at all.
"""

"""One page a day: the levels on the chart, what became of each touch, and what it rests on.

1. `day.ReportDay`: the published tables of a date.
2. `touches`, `tracks`, `levels`, `gaps`, `book`: what the page shows, as values and arrays; `data`
   packs it.
3. `touch_table`, `tables`, `quality`: HTML.
4. ``assets/``: the charts and what is chosen, drawn in the browser from that data.
5. `page.report_page` puts them into one file that needs no network; `days` and `index` write those
   of several days.

``python -m src.data_eng.report --symbol ES --dt 2025-05-06`` writes it.
"""

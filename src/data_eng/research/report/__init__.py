"""One page a day: the levels on the chart, what became of their touches, and what it rests on.

1. `day.ReportDay`: the published tables of a date.
2. `price_chart`, `depth_chart`, `feature_chart`: Plotly figures.
3. `tables`, `quality`, `lineage`: HTML.
4. `page.report_page` puts them into one file that needs no network.

``python -m src.data_eng.report --symbol ES --dt 2025-05-06`` writes it.
"""

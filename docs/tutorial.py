"""From raw DBN to the feature vector, its outcomes and a first model: a marimo notebook.

``uv run marimo edit docs/tutorial.py`` opens it, ``uv run python docs/tutorial.py`` runs it.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium")


@app.cell
def _():
    import datetime as dt
    import tempfile
    from pathlib import Path

    import marimo as mo
    import polars as pl
    from data_eng import scan, to_duckdb, training_set
    from data_eng.cli.run import main as run
    from data_eng.sample import SampleFuture, SampleOptions, write_future_day, write_option_day

    return (
        Path,
        SampleFuture,
        SampleOptions,
        dt,
        mo,
        pl,
        run,
        scan,
        tempfile,
        to_duckdb,
        training_set,
        write_future_day,
        write_option_day,
    )


@app.cell
def _(mo):
    mo.md("""
    # From raw DBN to the feature vector

    The raw data are a sample day: an artificial market, written as the vendor writes his files.
    Its price is a driftless walk, so nothing that follows foretells anything; put your own
    `.dbn.zst` files into the same folders to see your market.
    """)
    return


@app.cell
def _(Path, SampleFuture, SampleOptions, dt, tempfile, write_future_day, write_option_day):
    lake = Path(tempfile.mkdtemp(prefix="data_eng-tutorial-"))
    date = dt.date(2025, 6, 5)
    future = SampleFuture(date=date, records=150_000)
    files = [
        write_future_day(lake / "raw", future),
        write_option_day(lake / "raw", SampleOptions(future)),
    ]
    return date, files, lake


@app.cell
def _(mo):
    mo.md("""
    One command runs every layer: Bronze keeps the front-month contract, Silver adds bars, levels
    and features, Gold keeps 09:30 to 12:30 New York and joins the vector. Run it again, and every
    partition is skipped: it is complete.
    """)
    return


@app.cell
def _(date, files, lake, run):
    assert files
    code = run(
        ["--product-type", "all", "--layer", "all", "--symbol", "ES", "--dt", str(date)]
        + ["--lake-root", str(lake)]
    )
    assert code == 0
    return (code,)


@app.cell
def _(code, lake, pl, scan):
    assert code == 0
    vector = scan("gold.future.feature_vector", lake_root=lake)
    near = (
        vector.filter(pl.col("pm_high_distance_ticks").abs() <= 8)
        .select("ts_est", "pm_high_distance_ticks", "pm_high_touch_count", "quoted_spread_ticks")
        .collect()
    )
    near
    return near, vector


@app.cell
def _(mo):
    mo.md("""
    Nothing was read but four columns. The same rows in SQL, and the levels that they are about:
    """)
    return


@app.cell
def _(code, lake, scan, to_duckdb):
    assert code == 0
    touches = to_duckdb("gold.future.level_outcome", lake_root=lake)
    counts = touches.aggregate("level, outcome, count(*) AS touches").pl()
    levels = scan("silver.future.level", lake_root=lake).group_by("level").first().collect()
    counts, levels
    return counts, levels


@app.cell
def _(mo):
    mo.md("""
    `training_set` joins the features at the moment of decision with the outcome of the touch.
    With one day there is nothing to learn; with many, split by whole sessions
    (`data_eng.WalkForwardSplit`, `data_eng.PurgedSessionSplit`) and compare with placebo levels
    (`python -m data_eng.evaluation`) before you believe anything.
    """)
    return


@app.cell
def _(code, lake, training_set):
    assert code == 0
    sets = {level: training_set(level, lake_root=lake) for level in ("pm_high", "or_high")}
    shapes = {level: (one.X.shape, one.y.tolist()) for level, one in sets.items()}
    shapes
    return sets, shapes


if __name__ == "__main__":
    app.run()

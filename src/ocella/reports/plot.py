"""Charts drawn by hand as SVG, each one a figure of a page. This is the door; a kind of chart has its own file."""

from ocella.reports.bars import bars
from ocella.reports.chart import Mark
from ocella.reports.heatmap import heatmap
from ocella.reports.histogram import histogram
from ocella.reports.lines import Curve, line, precision_recall
from ocella.reports.scatter import Point, scatter

__all__ = ["Curve", "Mark", "Point", "bars", "heatmap", "histogram", "line", "precision_recall", "scatter"]

"""The report as a PDF: one module a page, drawn from what `stages.report.findings` found and from nothing else."""

"""HTTP: takes uploads in, and shows status, reports and pages."""

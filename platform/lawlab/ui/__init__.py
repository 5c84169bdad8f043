"""Page builders for notebooks and Voila apps; `static/` holds stylesheet and elements."""

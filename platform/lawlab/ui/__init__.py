"""Page builders for notebooks and Voila apps; `static/` holds the stylesheet and custom elements."""

"""lawlab (法治练兵场): a town trains its people in law, on Jupyter, and shows that it did."""

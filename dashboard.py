"""The dashboard: opened by `signoff serve`, or by `streamlit run dashboard.py` with SIGNOFF_DB and SIGNOFF_GRAPHS."""

from signoff.ui import frame

frame.run()

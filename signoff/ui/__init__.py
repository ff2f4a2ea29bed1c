"""The Streamlit side: everything that draws, and no rule of the domain."""

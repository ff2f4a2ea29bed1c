"""The playground: which form a schema or a payload gets, and which answer it makes. Nothing is ever sent."""

import streamlit as st

from signoff.ui import frame, live, playground

frame.enter()

live.title("Playground")
st.caption("Try which form a graph's question gets and what it answers. Nothing is sent from here to any graph.")

left, right = st.columns([2, 3], gap="medium")
with left:
    trial = playground.ask()
with right:
    if trial:
        playground.show(trial)
        with st.expander("Schema of this form", icon=":material/schema:"):
            st.json(trial.card.schema, expanded=2)
        playground.follow(trial)
    else:
        st.info("Give a JSON Schema or a payload on the left.", icon=":material/arrow_back:")

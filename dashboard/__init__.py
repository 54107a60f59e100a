"""The Streamlit pages. They read the lake and the ledger, and write nothing but decisions, to the ledger."""

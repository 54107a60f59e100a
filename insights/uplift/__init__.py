"""What a proactive call does: how many customers prove it, the intention-to-treat estimate, and whom it helps most."""

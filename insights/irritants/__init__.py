"""Irritants: named, recurring causes of dissatisfaction with a lasting id, folded from what people and policy decided."""

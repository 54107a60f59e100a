"""The privacy border's redaction: personal data out, consistent tokens in, before anything is stored.

    with Redactor(settings.brands, workers=settings.workers) as redactor:
        results = redactor.redact(texts, languages)
    findings = residual_scan([result.text for result in results])

Tokens: [NOM_1] person or public handle, [EMAIL_1], [TEL_1], [IBAN_1], [CARTE_1] payment card or its last digits,
[NIR_1], [ID_1] customer, order, parcel and meter numbers (PRM, PDL, PCE), SIRET and SIREN, [ADRESSE_1] street,
postcode and town, [DATE_NAISSANCE_1], [PLAQUE_1], [IP_1], [URL_1] links that carry a query, a number or an account
(a plain page address stays readable). Special categories, where a person is the subject: [SANTE_1] health,
[SANTE_VITALE_1] health that hangs on the supply of energy (the urgency rules read the token), [SYNDICAT_1], [RELIGION_1],
[ORIGINE_1], [POLITIQUE_1], [ORIENTATION_1]. Towns by themselves stay: they analyse well and point at nobody.
"""

from insights.redaction.known import name_hash, name_words
from insights.redaction.redactor import Redacted, Redactor
from insights.redaction.residual import Finding, residual_scan
from insights.redaction.spans import ENTITIES, SPECIAL, Span

__all__ = [
    "ENTITIES",
    "SPECIAL",
    "Finding",
    "Redacted",
    "Redactor",
    "Span",
    "name_hash",
    "name_words",
    "residual_scan",
]

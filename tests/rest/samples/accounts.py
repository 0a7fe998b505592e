from tests.rest.samples import Sample

SAMPLES = {
    "customer": Sample(
        make=lambda line: line.account.customer,
        body=lambda _line: {"name": "李小龙", "engagedParty": {"id": "crm-1", "@referredType": "Individual"}},
        changes=lambda _line: {"name": "李小明", "engagedParty": {"id": "crm-2", "@referredType": "Individual"}},
        changes_own_only=True,
    ),
}

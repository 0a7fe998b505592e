from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Shared ground. Its system checks hold the schema rules of docs/adr/0007-account-owned-keys.md."""

    name = "kernel"

    def ready(self) -> None:
        from kernel import checks  # noqa: F401  (registers the system checks)

"""Static files under names that change with their contents, so that browsers may keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """WhiteNoise's storage, which also rewrites the imports between our JavaScript modules."""

    support_js_module_import_aggregation = True

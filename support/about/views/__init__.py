"""The pages about PharmRefer itself."""

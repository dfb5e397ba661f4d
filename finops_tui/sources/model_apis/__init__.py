"""What OpenAI and Anthropic bill an organization for models behind their APIs."""

"""A stateful simulation of GitLab: its REST API, webhooks, permissions and traps, and what people do on its pages."""

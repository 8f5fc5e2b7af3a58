"""Makes an organisation with one agent and prints the agent's access token."""

import django

django.setup()

from common.models import Org, PersonalAccessToken, Profile, User  # noqa: E402 - after the setup
from common.tasks import set_rls_context  # noqa: E402

agent = User.objects.create_user(email="agent@example.com", password=None)
org = Org.objects.create(name="Meridian", default_country="GB")
profile = Profile.objects.create(user=agent, org=org, role="ADMIN")
set_rls_context(str(org.id))
token, _ = PersonalAccessToken.generate(profile, "softphone")
print(token)

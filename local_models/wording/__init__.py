"""The wording model's lessons: plans with sentences that say them rightly, and how its adapter is made of them."""

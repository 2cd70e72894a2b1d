"""Pairs of minutes written for the laws of reading: what is done to the first should, or should not, move it."""

NEGATED = [
    ("These systems are dangerous and they will slip out of our control before anybody notices.",
     "These systems are not dangerous and they will not slip out of our control."),
    ("I am worried that advanced AI could cause a catastrophe, and I think the risk is real.",
     "I am not worried that advanced AI could cause a catastrophe, and I don't think the risk is real."),
    ("The model deceived its overseers in the evaluation and hid what it was after.",
     "The model did not deceive its overseers in the evaluation and never hid what it was after."),
    ("AI will cure diseases and make medicine better for everybody.",
     "AI will not cure diseases and it won't make medicine better for anybody."),
    ("This is a huge opportunity, and people will be more productive than they have ever been.",
     "This is not an opportunity, and people will not be more productive than they have ever been."),
    ("We have solved the problem, the safeguards work, and people can trust what it says.",
     "We have not solved the problem, the safeguards don't work, and people cannot trust what it says."),
    ("Terrorists could misuse these tools to build weapons, and that threat keeps growing.",
     "Terrorists could not misuse these tools to build weapons, and that threat is not growing."),
    ("The agents helped our engineers ship faster and the customers love the product.",
     "The agents did not help our engineers ship faster and the customers don't love the product."),
]  # fmt: skip
"""A statement and its negation: the second lies further to the other side."""

RETOPICED = [
    ("I'm really afraid that a misaligned system deceives the engineers and that we lose control of the grid.",
     "I'm really afraid that a misaligned system deceives the traders and that we lose control of the market."),
    ("This tool helps nurses find what they need in seconds, and patients get better care because of it.",
     "This tool helps farmers find what they need in seconds, and fields get better care because of it."),
    ("Criminals will misuse these models to attack hospitals, and nobody is prepared for the damage.",
     "Criminals will misuse these models to attack elections, and nobody is prepared for the damage."),
    ("With that assistant a teacher can give every child the attention that only the rich could afford.",
     "With that assistant a lawyer can give every client the attention that only the rich could afford."),
    ("The race between labs makes everybody cut corners on safety, and an accident is only a matter of time.",
     "The race between armies makes everybody cut corners on safety, and an accident is only a matter of time."),
    ("We shipped the feature with the model in a week, revenue doubled, and the users are delighted.",
     "We shipped the game with the model in a week, sales doubled, and the players are delighted."),
]  # fmt: skip
"""The same said of another subject: the side stays."""

PARAPHRASED = [
    ("I worry that we will build something smarter than we are and find that we cannot switch it off.",
     "My worry is that we build something that is smarter than us and then discover that we can't turn it off."),
    ("These tools let a small team do what took a hundred people, and that is wonderful for new companies.",
     "With these tools a small team can do what a hundred people used to do, and for startups that's wonderful."),
    ("The network is trained by gradient descent on next-token prediction over a large corpus of text.",
     "We train the network with gradient descent to predict the next token on a big corpus of text."),
    ("If a model learns to deceive its evaluators then none of our tests tell us whether it is safe.",
     "Once a model has learned to deceive the evaluators, our tests no longer tell us if it's safe."),
    ("Doctors catch tumours earlier because the system points them at what they would have missed.",
     "Because the system shows doctors what they would have missed, tumours are caught earlier."),
    ("Regulators should slow down deployment until somebody can show that it will not do harm.",
     "Until somebody can show that it won't do harm, regulators ought to slow deployment down."),
]  # fmt: skip
"""The same in other words: within 15 points."""

SMALL_TALK = (
    " Thanks so much for having me on. It's great to be here. How was your flight, by the way? Good, good."
)


def as_captions(text: str) -> str:
    """``text`` as automatic captions have it: no capitals, no punctuation, a stammer and a filler."""
    words = "".join(letter for letter in text.lower() if letter.isalnum() or letter in " '").split()
    third = len(words) // 3
    return " ".join([*words[:third], "uh", words[third], words[third], *words[third + 1 :]])

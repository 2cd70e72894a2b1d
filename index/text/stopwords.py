"""Words that carry no topic: function words and fillers."""

FUNCTION_WORDS = frozenset(
    "a about above after again against all also although am an and any are as at be because been before being below "
    "between both but by can cannot could did do does doing down during each either else even ever every few for from "
    "further get gets getting got had has have having he her here hers herself him himself his how however i if in "
    "into is it its itself just let like many may me might mine more most much must my myself neither no nor not now "
    "of off on once one only or other others our ours ourselves out over own per rather same shall she should since so "
    "some still such than that the their theirs them themselves then there these they this those though through thus "
    "to too under until up upon us very was we were what whatever when where whether which while who whom whose why "
    "will with within without would yet you your yours yourself yourselves ain't aren't can't couldn't didn't doesn't "
    "don't hadn't hasn't haven't he'd he'll he's i'd i'll i'm i've isn't it'd it'll it's let's mustn't shan't she'd "
    "she'll she's shouldn't that'd that'll that's there's they'd they'll they're they've wasn't we'd we'll we're we've "
    "weren't what's who's won't wouldn't you'd you'll you're you've eg ie ones use used "
    "uses using".split()
)
"""English function words and contractions, lower-case."""

CONNECTIVES = frozenset(
    "across almost along already always among amongst another besides beyond despite except hence indeed meanwhile "
    "moreover nevertheless none nonetheless often onto otherwise soon therefore throughout toward towards unless "
    "unlike via whenever whereas wherever whoever".split()
)
"""Further function words, which a question may lean on, yet which name no subject."""

BEFORE_VERBS = frozenset(
    "to i you we they he she it who will would can could should shall may might must cannot not gonna let's don't "
    "doesn't didn't won't can't couldn't wouldn't shouldn't i'll you'll we'll they'll he'll she'll it'll i'd we'd "
    "you'd they'd he'd she'd".split()
)
"""Words that verbs follow far more often than nouns do."""

FORMS_OF_BE = frozenset("am are be been being is was were i'm it's that's they're we're you're".split())

DEGREES = frozenset(
    "as extremely fairly how less more most pretty quite really relatively so super too very".split()
)
"""Words that say how much of something an adjective means."""

_ALSO_WORDS = frozenset("he'd he'll i'd i'll it's let's she'd she'll we'd we'll we're".split())

CONTRACTIONS = {
    word.replace("'", ""): word.removesuffix("'s")
    for word in (*FUNCTION_WORDS, "could've", "might've", "must've", "should've", "would've")
    if "'" in word and word not in _ALSO_WORDS
}
"""Contractions as people type them without the apostrophe, each with the token that the written form makes. Those that
are other words then (*well*, *its*) are left out."""

ASKED_FOR = frozenset("episode episodes podcast podcasts".split())
"""Words for the thing that a question asks for: left out if the question has other words."""

CHATTER = frozenset(
    "agree agreed amazing anyhow anyways anywhere aswell awesome btw check clip crazy cuz damn definitely disagree "
    "dude episode episodes favorite favourite folks funny glad haha hahaha hear heard hello hilarious honestly "
    "imo imho lately link listen listened listening literally lmao lmk lol love loved morning mum nah nope ngl night "
    "omg pls please podcast podcasts recently recommend rofl send sent seriously shout super thoughts tbh tho "
    "tldr tonight ugh unfortunately unironically ur video videos vid watch watched watching weekend whoa wtf xd "
    "yall yesterday yo youtube elsewhere everywhere nowhere swear tomorrow monday tuesday wednesday thursday friday "
    "saturday sunday".split()
)
"""Words that messages between people are full of and that name no subject."""

FILLERS = frozenset(
    "actually ah alright anyway anything around back basically bit bunch came come comes coming course different "
    "does done easy end enough er exactly example fact feel find first gave give go goes going gonna good gotcha great "
    "guess guy guys happen happened happens hard hey hi hmm hope huh idea interesting keep kind kinda know last later "
    "least less little long look looking lot lots made maybe make makes making mean means mhm mm mostly need never new "
    "nice oh ok okay part particular people perhaps person piece place point possible pretty probably problem put "
    "question quite read real really reason right said saw say saying says second see seem seems seen set show side "
    "sort something somehow someone sometimes somewhat sound start stuff suppose sure take takes talk talked talking "
    "tell thank thanks thing things think thinking thought three time times today together told took totally tried "
    "try trying turn two type uh um understand use used using usually wanna want wanted wants way ways week well went "
    "whole wonder wondering word words work working worked works world wow yeah year years yep yes imagine cool case "
    "cases everything nothing everyone everybody somebody nobody anybody anyone big small start started starting bad "
    "better best worse four five six ten hundred number depends true wrong obviously certainly definitely literally "
    "essentially specific specifically general generally true able kinds sorts types terms level".split()
)
"""Words that spoken conversations are full of and that name no subject."""

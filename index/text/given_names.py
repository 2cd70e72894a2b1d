"""Common given names, by which a person is told from a thing in a question: “sam altman”, but not “open source”.

Names that are also common words (*will*, *mark*, *grace*, *art*) or programs (*claude*) are left out. A name that is
missing here costs a sentence, never an answer.
"""

GIVEN_NAMES = frozenset(
    "aaron abdul abigail abraham adam adrian adriana agnes ahmed aisha ajeya alan albert alejandro alex alexander "
    "alexandra alexei alfred ali alice alison allan allen allison amanda amelia amir amy ana anders andre andrea "
    "andreas andrei andrej andrew andy angela anil anita ann anna anne annie anthony anton antonio arjun arthur "
    "arvind ashley barbara beatrice ben benjamin bernard beth bettina bob boris brad brendan brian bruce bryan caleb "
    "carl carla carlos carol caroline catherine cathy cecilia charles charlie charlotte chen chloe chris christian "
    "christina christine christopher claire clara clement colin connor craig cynthia dale dan daniel daniela dario "
    "darren dave david dawn dean deborah deepak demis denise dennis derek diana diane dmitri dmitry don donald "
    "dorothy doug douglas dwarkesh ed eddie edith edward eleanor elena eliezer elizabeth ella ellen elon emad emily "
    "emma emmanuel emmett eric erik ernest ethan eugene eva evan evelyn fatima fei felix fernando florian frances "
    "francesca francis francois frank fred frederick gabriel gary gavin geoff geoffrey george gerald gerard gideon "
    "gillian giulia glen glenn gloria gordon graham greg gregory guido guillermo gustav hannah hans harold harry "
    "heather heidi helen helena helga henry herbert holden howard hugh hugo ian ibrahim igor ilya ines ingrid irene "
    "isaac isabel isabella ivan jaan jack jacob jaime jake james jamie jan jane janet jared jason javier jean jeff "
    "jeffrey jennifer jeremy jerome jerry jesse jessica jill jim jimmy joan joanna joe joel johan johannes john jon "
    "jonas jonathan jordan jorge jose joseph josh joshua juan judith julia julian julie jurgen justin karen karin "
    "karl katherine kathryn katie katja keith kelly ken kenneth kevin kim klaus kristina kurt kyle lars laura lauren "
    "laurence leo leon leonard leopold lewis lex lily linda lisa liz lois loretta louis louise lucas lucia lucy luis "
    "lukas luke lydia lynn magnus malcolm manuel marc marcel marco marcus margaret maria marie marina mario marion "
    "marissa mariya markus martha martin mary mathias matt matthew maurice max maya megan melanie melissa michael "
    "michelle miguel mike mikhail mira miriam mohamed mohammed molly monica morgan muhammad mustafa nadia nancy naomi "
    "natalie natasha nathan neil nicholas nick nicolas niels nikita nikola nina noah noam nora norman oliver olivia "
    "omar oscar otto owen pablo pamela patricia patrick paul paula pavel pedro peggy penelope peter phil philip "
    "philippe phillip pierre priya rachel rafael raj ralph ramon raymond rebecca reid rene ricardo richard rishi rita "
    "rob robert roberta robin rodney roger roland roman ronald rosa rosie ross roy rudolf rupert russ ruth ryan "
    "sabine sally sam samantha samuel sandra sara sarah satya scott sean sebastian sergei sergey shane shannon sharon "
    "sheila shirley simon simone sofia sonia sophia sophie stanislav stephanie stephen steve steven stuart sundar "
    "susan suzanne sven sylvia tamara tanya ted teresa terry theodore theresa thomas tim timnit timothy toby todd tom "
    "tomas tony tristan tyler ulrich ursula valentina valerie vanessa vera veronica victoria vijay viktor vincent "
    "vinod virginia vitalik vivian vladimir walter wanda warren wayne wei wendy werner wilfred wilhelm william xavier "
    "yan yann yash yasmin yoshua yuri yuval yvonne zachary zoe".split()
)
"""Given names, lower-case."""

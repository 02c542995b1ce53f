"""Words for things: other names of the COCO-80 classes, words that cover several, and things that COCO lacks."""

from collections.abc import Mapping

__all__ = ["ALIASES", "ATTRIBUTES", "MATERIALS", "OTHERS", "WIDER"]


def _table(text: str) -> dict[str, tuple[str, ...]]:
    rows = (line.partition(":") for line in text.strip().splitlines())
    return {name.strip(): _words(words) for name, _, words in rows}


def _words(text: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in text.replace("\n", ",").split(",") if w.strip())


ALIASES: Mapping[str, tuple[str, ...]] = _table("""
person: people, human, human being, man, woman, men, women, gentleman, lady, guy, girl, boy, child, children, kid, baby, infant, toddler, teenager, adult, pedestrian, passer-by, cyclist, bicyclist, biker, motorcyclist, rider, driver, passenger, worker, construction worker, employee, policeman, policewoman, police officer, cop, firefighter, fireman, soldier, nurse, doctor, surgeon, player, football player, soccer player, baseball player, tennis player, athlete, runner, swimmer, skier, snowboarder, skateboarder, surfer, tourist, customer, shopper, student, teacher, waiter, chef, farmer, spectator, bystander, individual, somebody, someone
bicycle: bike, pushbike, push bike, pedal cycle, mountain bike, road bike, racing bicycle, racing bike, electric bicycle, e-bike, tandem
car: automobile, motorcar, motor car, passenger car, sedan, saloon car, hatchback, coupe, convertible, cabriolet, suv, jeep, station wagon, estate car, van, minivan, taxi, cab, taxicab, police car, patrol car, sports car, race car, racing car, limousine, limo, hearse
motorcycle: motorbike, motor bike, moped, motor scooter, vespa, dirt bike, scrambler
airplane: aeroplane, plane, aircraft, airliner, jet, jet plane, jetliner, jumbo jet, passenger plane, fighter jet, biplane, propeller plane, seaplane, glider
bus: autobus, omnibus, coach bus, school bus, minibus, city bus, double decker, double decker bus, trolleybus
train: locomotive, railway train, steam train, steam locomotive, freight train, passenger train, subway train, metro train, railcar, high speed train
truck: lorry, pickup, pickup truck, pick-up, semi truck, semi trailer truck, articulated lorry, eighteen wheeler, dump truck, tipper truck, fire truck, fire engine, garbage truck, bin lorry, delivery truck, tow truck, tanker truck, cargo truck, box truck
boat: ship, sailboat, sailing boat, yacht, motorboat, speedboat, rowboat, rowing boat, canoe, kayak, ferry, barge, dinghy, fishing boat, fishing vessel, lifeboat, tugboat, catamaran, cruise ship, container ship
traffic light: traffic signal, stoplight, stop light, traffic lamp
fire hydrant: hydrant, fireplug
stop sign: stop signboard
parking meter: parkometer
bench: park bench, garden bench
bird: sparrow, pigeon, dove, seagull, gull, crow, raven, magpie, eagle, hawk, falcon, owl, duck, goose, geese, swan, hen, rooster, chicken, parrot, parakeet, budgie, canary, robin, finch, heron, stork, flamingo, pelican, penguin, ostrich, peacock, woodpecker, hummingbird, songbird
cat: kitten, kitty, pussycat, tomcat, house cat, tabby, tabby cat, siamese cat, persian cat, feline
dog: puppy, pup, doggy, hound, canine, mutt, poodle, labrador, golden retriever, german shepherd, bulldog, beagle, dachshund, chihuahua, husky, terrier, rottweiler, dalmatian, corgi, pug, spaniel, collie, sheepdog, guide dog, greyhound
horse: pony, stallion, mare, foal, colt, gelding, racehorse
sheep: lamb, ewe
cow: cattle, bull, ox, oxen, calf, heifer, dairy cow
elephant: african elephant, indian elephant, elephant calf
bear: brown bear, black bear, grizzly, grizzly bear, polar bear, bear cub
zebra: plains zebra
giraffe: girafe
backpack: rucksack, knapsack, back pack, school bag, schoolbag
umbrella: parasol, sunshade, brolly
handbag: hand bag, purse, tote bag, shoulder bag, clutch bag
tie: necktie, neck tie, bow tie
suitcase: luggage, travel case, trolley case, valise
frisbee: flying disc
skis: ski
snowboard: snow board
sports ball: ball, football, soccer ball, basketball, volleyball, tennis ball, baseball, rugby ball, golf ball, beach ball
kite: stunt kite
baseball bat: softball bat
baseball glove: baseball mitt, catcher's mitt
skateboard: skate board, longboard
surfboard: surf board
tennis racket: tennis racquet, racket, racquet
bottle: water bottle, wine bottle, beer bottle, glass bottle, plastic bottle
wine glass: wineglass, glass of wine, champagne glass, champagne flute, goblet, stemware
cup: mug, teacup, tea cup, coffee cup, coffee mug, paper cup, drinking cup
fork: table fork, dinner fork
knife: kitchen knife, table knife, butter knife, steak knife, bread knife, chef's knife
spoon: teaspoon, tablespoon, soup spoon, wooden spoon
bowl: soup bowl, salad bowl, mixing bowl
banana: plantain
apple: green apple, red apple, granny smith
sandwich: toast sandwich, sub sandwich, club sandwich
orange: mandarin, tangerine, clementine, orange fruit
broccoli: broccoli floret
carrot: baby carrot
hot dog: hotdog, frankfurter in a bun
pizza: pepperoni pizza, pizza pie
donut: doughnut
cake: birthday cake, cheesecake, chocolate cake, wedding cake, cupcake, layer cake
chair: armchair, arm chair, office chair, desk chair, swivel chair, rocking chair, folding chair, dining chair, wooden chair, deck chair, high chair, lawn chair
couch: sofa, settee, loveseat
potted plant: houseplant, house plant, indoor plant, pot plant, plant in a pot
bed: bunk bed, double bed, single bed, hospital bed, cot bed
dining table: table, dinner table, kitchen table, restaurant table
toilet: wc, lavatory, toilet bowl, loo, water closet
tv: television, television set, tv set, telly, tv screen, flat screen, monitor, computer monitor, computer screen
laptop: laptop computer, notebook computer, macbook, chromebook
mouse: computer mouse, wireless mouse, pc mouse
remote: remote control, tv remote, remote controller
keyboard: computer keyboard, pc keyboard
cell phone: cellphone, cellular phone, mobile phone, mobile, smartphone, smart phone, phone, telephone handset, iphone, android phone, handphone
microwave: microwave oven
oven: stove, cooker, kitchen stove, gas stove
toaster: bread toaster
sink: washbasin, wash basin, kitchen sink, bathroom sink
refrigerator: fridge, icebox, fridge freezer
book: novel, textbook, paperback, hardcover
clock: wall clock, alarm clock, grandfather clock, timepiece
vase: flower vase
scissors: shears, pair of scissors
teddy bear: teddy, stuffed bear, toy bear, plush bear
hair drier: hair dryer, hairdryer, blow dryer, blow drier
toothbrush: tooth brush, electric toothbrush
""")
"""COCO-80 class -> other things to call it, or kinds of it."""

WIDER: Mapping[str, tuple[str, ...]] = _table("""
vehicle: car, truck, bus, motorcycle, bicycle, train, airplane, boat
road vehicle: car, truck, bus, motorcycle
motor vehicle: car, truck, bus, motorcycle
transport: car, truck, bus, motorcycle, bicycle, train, airplane, boat
traffic: car, truck, bus, motorcycle, bicycle
animal: bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe
pet: cat, dog, bird
livestock: cow, sheep, horse
farm animal: cow, sheep, horse
wildlife: bird, elephant, bear, zebra, giraffe
mammal: cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe
fruit: banana, apple, orange
vegetable: broccoli, carrot
food: banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake
furniture: chair, couch, bed, dining table, bench
seat: chair, couch, bench
bag: backpack, handbag, suitcase
baggage: backpack, handbag, suitcase
cutlery: fork, knife, spoon
silverware: fork, knife, spoon
kitchenware: bottle, wine glass, cup, fork, knife, spoon, bowl
tableware: wine glass, cup, fork, knife, spoon, bowl
dish: cup, bowl, wine glass
electronics: tv, laptop, mouse, remote, keyboard, cell phone
device: laptop, cell phone, remote, tv
appliance: microwave, oven, toaster, refrigerator, hair drier
computer: laptop, keyboard, mouse
screen: tv, laptop, cell phone
toy: teddy bear, frisbee, kite, sports ball
sports equipment: frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket
plant: potted plant, broccoli
""")
"""A word for several classes -> those classes; taken for one of them it would mislabel the others."""

_OTHERS_BY_KIND = _table("""
vehicle: forklift, forklift truck, excavator, digger, bulldozer, crane, tractor, combine harvester, road roller, cement mixer, trailer, caravan, ambulance, tank, tram, trolley, cable car, golf cart, kick scooter, scooter, segway, wheelchair, stroller, pram, shopping cart, wheelbarrow, helicopter, drone, rocket, hot air balloon, parachute, satellite, submarine, raft
animal: rabbit, hare, squirrel, hamster, guinea pig, rat, hedgehog, pig, goat, donkey, mule, deer, moose, antelope, camel, llama, lion, tiger, leopard, cheetah, panther, jaguar, lynx, wolf, fox, hyena, raccoon, skunk, badger, otter, beaver, prairie dog, kangaroo, koala, panda, monkey, gorilla, chimpanzee, hippopotamus, rhinoceros, seal, sea lion, walrus, dolphin, whale, shark, fish, goldfish, sea horse, jellyfish, octopus, crab, lobster, shrimp, snail, turtle, tortoise, frog, snake, lizard, crocodile, dinosaur, bat animal, butterfly, moth, bee, wasp, fly insect, mosquito, ant, beetle, ladybug, spider, scorpion, worm, insect
food: tomato, potato, onion, garlic, cucumber, pepper, lettuce, cabbage, cauliflower, corn, mushroom, pumpkin, eggplant, bean, pea, lemon, lime, grape, strawberry, blueberry, cherry, pear, peach, plum, mango, pineapple, melon, watermelon, coconut, kiwi, avocado, nut, bread, bun, bagel, croissant, pretzel, hamburger, burger, french fries, taco, burrito, sushi, noodles, pasta, rice, soup, salad, egg, cheese, meat, sausage, steak, chicken meat, pancake, waffle, cookie, pie, candy, chocolate, ice cream, coffee, tea, juice, orange juice, milk, beer, wine, water, salt, sauce, pet food
electronics: tablet, camera, video camera, webcam, printer, scanner, copier, projector, loudspeaker, speaker, headphones, earphones, microphone, radio, charger, cable, plug, socket, switch, battery, hard drive, circuit board, resistor, chip, calculator, desktop computer, router, game controller, joystick, television antenna, telephone booth
sports equipment: swing, slide, trampoline, dumbbell, barbell, treadmill, goal, net, basketball hoop, hockey stick, puck, golf club, badminton racket, table tennis paddle, ice skate, roller skate, boxing glove, fishing rod, tennis court, tennis net, medal, trophy
other: pallet, pallet jack, container, crate, cardboard box, box, package, barrel, balloon, buoy, anchor, dock, airport, train station, bus stop, car park, parking lot, wheel, tire, car wheel, steering wheel, license plate, number plate, headlight, windshield, bumper, engine, seat belt, wing, propeller, mast, sail, saddle, handlebar, pedal, door, window, gate, fence, wall, roof, stairs, ladder, chimney, building, house, bridge, tower, tent, road, sidewalk, crosswalk, pothole, crack, traffic cone, traffic sign, street sign, speed limit sign, sign, billboard, banner, flag, street light, lamp post, lamp, light bulb, candle, lantern, torch, fire, flame, smoke, fire extinguisher, mailbox, trash can, garbage bin, waste, garbage, manhole cover, solar panel, wind turbine, power line, antenna, head, face, eye, ear, nose, mouth, tooth, hair, beard, hand, finger, arm, leg, foot, tail, paw, horn, feather, beak, bone, skeleton, skin, tattoo, helmet, hard hat, safety vest, vest, mask, goggles, glasses, sunglasses, hat, cap, baseball cap, shirt, t-shirt, blouse, sweater, hoodie, jacket, coat, suit, dress, skirt, trousers, jeans, shorts, socks, shoe, boot, sandal, sneaker, ski boot, glove, scarf, belt, wallet, watch, wristwatch, ring, necklace, bracelet, earring, jewellery, crown, button, zipper, badge, uniform, swimsuit, plate, tray, pan, frying pan, pot, kettle, teapot, jug, pitcher, jar, can, lid, bottle cap, drinking glass, chopsticks, ladle, spatula, cutting board, blender, mixer, coffee machine, dishwasher, washing machine, dryer, vacuum cleaner, iron, fan, air conditioner, heater, radiator, cabinet, cupboard, drawer, wardrobe, shelf, bookshelf, nightstand, stool, desk, mattress, pillow, blanket, towel, curtain, carpet, rug, mirror, picture frame, painting, poster, bathtub, shower, faucet, soap, shampoo, toothpaste, toilet paper, toilet seat, comb, razor, lipstick, perfume, basket, bucket, broom, mop, brush, sponge, hanger, basin, barcode, text, logo, paper, newspaper, magazine, notebook, envelope, letter, stamp, pen, pencil, crayon, eraser, ruler, stapler, tape, folder, map, ticket, coin, banknote, credit card, key, lock, chain, rope, hammer, screwdriver, wrench, pliers, saw, drill, axe, shovel, rake, hoe, screw, nail, bolt, nut bolt, toolbox, gun, rifle, pistol, sword, bomb, handcuffs, medicine, pill, syringe, stethoscope, thermometer, bandage, microscope, blood cell, platelet, cell, tumor, bacteria, bone fracture, piano, guitar, violin, cello, drum, trumpet, saxophone, flute, doll, puzzle, lego, dice, playing card, chess board, tree, bush, leaf, flower, rose, tulip, sunflower, grass, weed, moss, cactus, log, wood, branch, rock, stone, mountain, hill, sky, cloud, sun, moon, rain, snow, river, lake, sea, wave, beach, sand, field, forest, island, plant disease, rust, scratch, dent, stain, hole, weld, defect, corrosion, rubble, oil spill, statue, fountain, grave, shadow
""")

OTHERS: Mapping[str, tuple[str, ...]] = {
    word: WIDER.get(kind, ()) for kind, words in _OTHERS_BY_KIND.items() for word in words
}
"""Thing that is no COCO class -> COCO classes of its kind. A prompt nearer to such a thing than to a known class is
refused.
"""

ATTRIBUTES: frozenset[str] = frozenset(
    _words("""
red, green, blue, yellow, orange, black, white, brown, grey, gray, pink, purple, violet, golden, silver, beige, dark, light, bright, colourful, colorful, striped, spotted, blond, blonde
big, small, large, little, tiny, huge, giant, tall, short, long, wide, narrow, thin, thick, fat, heavy, old, young, new, adult, elderly, male, female, pregnant, cute, beautiful, nice, ugly
broken, damaged, cracked, rusty, dirty, clean, wet, dry, empty, full, open, opened, closed, cut, sliced, ripe, unripe, rotten, fresh, raw, cooked, peeled, parked, moving, standing, sitting, walking, running, sleeping, lying, flying, swimming, jumping, crouching, seated, abandoned, burning, overturned, distant, nearby, left, right, front, single, individual, whole, entire, several, many, few, one, two, three, four, five, six, multiple, visible, occluded, blurry, sick, injured, happy, sad, angry, masked, barefoot, naked, unattended, stray, wild, domestic, electric, modern, vintage, antique, cheap, expensive, round, square, rectangular
""")
)
"""Words that a class-name detector cannot see; taken off the front of a prompt, and said to be lost."""

MATERIALS: frozenset[str] = frozenset(
    _words(
        "plastic, wooden, metal, steel, leather, cardboard, glass, ceramic, stainless, iron, bamboo, wicker, concrete"
    )
)
"""What a thing is made of; lost likewise, but only where no class has it in its name."""

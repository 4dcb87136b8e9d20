"""The same piece of news in each language that is known, and a short line of it. Written for these tests."""

NEWS = {
    "en": "The council of Porthaven decided on Monday that the harbour would stay closed for another week. "
    "“The quay is not safe,” said the mayor, Lena Okafor, after the storm had torn away three of its "
    "cranes.",
    "de": "Der Rat von Porthaven hat am Montag beschlossen, dass der Hafen noch eine Woche geschlossen "
    "bleibt. „Der Kai ist nicht sicher“, sagte Bürgermeisterin Lena Okafor, nachdem der Sturm drei "
    "Kräne umgerissen hatte.",
    "fr": "Le conseil de Porthaven a décidé lundi que le port resterait fermé une semaine de plus. « Le "
    "quai n'est pas sûr », a déclaré la maire, Lena Okafor, après que la tempête a emporté trois de "
    "ses grues.",
    "es": "El consejo de Porthaven decidió el lunes que el puerto seguirá cerrado una semana más. «El "
    "muelle no es seguro», dijo la alcaldesa, Lena Okafor, después de que la tormenta derribara tres "
    "de sus grúas.",
    "pt": "O conselho de Porthaven decidiu na segunda-feira que o porto vai continuar fechado por mais uma "
    "semana. “O cais não é seguro”, disse a prefeita, Lena Okafor, depois que a tempestade derrubou "
    "três guindastes.",
    "it": "Il consiglio di Porthaven ha deciso lunedì che il porto resterà chiuso per un'altra settimana. "
    "«La banchina non è sicura», ha detto la sindaca Lena Okafor, dopo che la tempesta ha abbattuto "
    "tre delle sue gru.",
    "nl": "De raad van Porthaven heeft maandag besloten dat de haven nog een week gesloten blijft. “De kade"
    " is niet veilig”, zei burgemeester Lena Okafor, nadat de storm drie van de hijskranen had "
    "omgeblazen.",
    "sv": "Rådet i Porthaven beslutade på måndagen att hamnen ska vara stängd i ytterligare en vecka. "
    "”Kajen är inte säker”, sade borgmästaren Lena Okafor, efter att stormen hade vält tre av "
    "lyftkranarna.",
    "da": "Byrådet i Porthaven besluttede mandag, at havnen skal være lukket en uge endnu. »Kajen er ikke "
    "sikker,« sagde borgmester Lena Okafor, efter at stormen havde væltet tre af kranerne og "
    "oversvømmet pakhusene.",
    "no": "Bystyret i Porthaven vedtok mandag at havnen skal være stengt i enda en uke. «Kaien er ikke "
    "trygg», sa ordfører Lena Okafor, etter at stormen hadde veltet tre av kranene og satt "
    "lagerbygningene under vann.",
    "pl": "Rada miasta Porthaven zdecydowała w poniedziałek, że port pozostanie zamknięty jeszcze przez "
    "tydzień. „Nabrzeże nie jest bezpieczne”, powiedziała burmistrz Lena Okafor, gdy burza "
    "przewróciła trzy dźwigi.",
    "cs": "Rada města Porthaven v pondělí rozhodla, že přístav zůstane ještě týden zavřený. „Nábřeží není "
    "bezpečné,“ řekla starostka Lena Okaforová poté, co bouře převrátila tři jeřáby a zaplavila "
    "sklady.",
    "hr": "Vijeće grada Porthavena odlučilo je u ponedjeljak da će luka ostati zatvorena još tjedan dana. "
    "„Obala nije sigurna”, rekla je gradonačelnica Lena Okafor nakon što je oluja srušila tri "
    "dizalice.",
    "fi": "Porthavenin kaupunginvaltuusto päätti maanantaina, että satama pysyy suljettuna vielä viikon. "
    "”Laituri ei ole turvallinen”, sanoi pormestari Lena Okafor, kun myrsky oli kaatanut kolme "
    "nosturia.",
    "uk": "Рада Портгейвена в понеділок вирішила, що порт залишатиметься закритим ще тиждень. «Набережна "
    "небезпечна», — сказала міська голова Лена Окафор після того, як буря повалила три крани й "
    "затопила склади.",
    "ru": "Совет Портхейвена в понедельник решил, что порт останется закрытым ещё на неделю. «Набережная "
    "небезопасна», — сказала мэр Лена Окафор после того, как буря опрокинула три крана и затопила "
    "склады.",
    "bg": "Общинският съвет на Портхейвън реши в понеделник, че пристанището ще остане затворено още една "
    "седмица. „Кеят не е безопасен“, каза кметицата Лена Окафор, след като бурята събори три крана.",
    "sw": "Baraza la mji wa Porthaven liliamua siku ya Jumatatu kwamba bandari itabaki imefungwa kwa wiki "
    "moja zaidi. “Gati si salama,” alisema meya Lena Okafor, baada ya dhoruba kuangusha winchi tatu.",
    "id": "Dewan kota Porthaven pada hari Senin memutuskan bahwa pelabuhan akan tetap ditutup selama satu "
    "minggu lagi. “Dermaga itu tidak aman,” kata wali kota Lena Okafor, setelah badai merobohkan tiga"
    " derek.",
    "ro": "Consiliul din Porthaven a hotărât luni că portul va rămâne închis încă o săptămână. „Cheiul nu "
    "este sigur”, a spus primărița Lena Okafor, după ce furtuna a doborât trei dintre macarale și a "
    "inundat depozitele.",
}

LINES = {
    "en": "The harbour stays closed",
    "de": "Der Hafen bleibt geschlossen",
    "fr": "Le port restera fermé une semaine",
    "es": "El puerto seguirá cerrado una semana",
    "pt": "O porto não vai abrir nesta semana",
    "it": "Il porto resta chiuso per la tempesta",
    "nl": "De haven blijft nog een week gesloten",
    "sv": "Hamnen är stängd i en vecka till",
    "da": "Havnen forbliver lukket i en uge til, siger borgmesteren",
    "no": "Havnen er stengt i enda en uke, sier ordføreren",
    "pl": "Port pozostanie zamknięty",
    "cs": "Přístav zůstane zavřený",
    "hr": "Luka ostaje zatvorena još tjedan dana",
    "fi": "Satama pysyy suljettuna",
    "uk": "Порт залишиться закритим ще тиждень",
    "ru": "Порт останется закрытым ещё на неделю",
    "bg": "Пристанището остава затворено",
    "sw": "Bandari itabaki imefungwa",
    "id": "Pelabuhan akan tetap ditutup",
    "ro": "Portul rămâne închis încă o săptămână",
}

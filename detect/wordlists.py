"""Small word lists, as text: what holds sentences together, what page furniture says, and names of months.

Written for Winnow; languages of the larger news webs. A word in the wrong list costs little: the lists give
shares, and no verdict hangs on one word.
"""

FUNCTION_WORDS = """
the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
one you were her all she there would their we him been has when who will more no if out so said what up its about
into than them can only other new some could time these two may then do first any my now such like our over me
even most after also made did many before must through where much your way well should because how while those
der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass
sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch
le la les de des du et en un une dans est que qui pour pas sur au avec ce il sont par plus ne se son ont mais
cette ses aux comme nous été leur elle ou fait être deux même ces entre sans
el los las del y que se por con para una su lo como más pero sus le ya fue este ha sí porque esta son entre está
cuando muy sin sobre ser tiene también me hasta hay donde han quien desde todo nos durante
o os as da do em para com não uma dos no na por mais foi ao ele das à seu sua ou quando muito nos já eu também só
pelo pela até isso ela entre depois sem mesmo aos seus quem nas esse eles
il lo gli di che è per un non con del alla si da sono dei nel come ma della più anche le ha al delle loro questo
een het van en dat niet zijn op te met voor aan er om hij ook als maar bij uit nog naar dan wordt door over heeft
och att det som på är av för med den till inte har om ett men var jag från vi så kan när år hade sig eller
på til er ikke av det med var jeg en et som har de vi å fra kan også ble etter ved men
w z na się nie do że jest to i a o jak za od po są ale co jego przez tym oraz dla być został był tego jej przed
která který že je se na v z s o k za po od do jako jsou nebo ale by byl jeho
в и на не что с по он как это из у за от о же к для но его она так они мы был было или бы при который то все
і в на не що з по він як це із у за від до та для але його вона так вони ми був було або при який
και το να του η της με για που την τον από δεν στο ο θα είναι τα τη στην σε οι ότι των ως έχει κατά μετά
bir ve bu da de için ile olarak çok daha olan gibi kadar sonra ama en her ne var o ki
في من على أن إلى عن التي الذي هذا هذه كان مع لا ما كما بعد قد بين أو كل هو هي
של את על לא הוא עם זה היא כי גם אל או יש מה כל אם
के में की है और से का को पर ने कि यह एक भी हैं लिए था हो तो
yang dan di itu dengan untuk dari dalam tidak ini pada akan ada juga oleh karena saya telah mereka
của và là có được cho trong không các với một người này để những đã khi từ
の は が を に で と た も し て い な 的 了 是 在 不 和 有 这 為 他 就 也
"""

CUES = """
share shares tweet tweets facebook twitter whatsapp instagram linkedin pinterest youtube telegram reddit email
subscribe subscription newsletter newsletters login log signin signup register cookie cookies privacy
policy terms copyright reserved rights © advertisement advertise advertising sponsored comments comment reply
follow menu sitemap rss related trending recommended skip icon
icons podcast podcasts disclaimer careers bookmark navigation toggle tags
filed posted updated published getty
teilen drucken abonnieren anmelden registrieren datenschutz impressum agb kommentare kommentar mehr werbung
anzeige startseite kontakt suche nutzungsbedingungen
partager imprimer abonnez connexion connecter inscription confidentialité mentions légales commentaires publicité
accueil recherche
compartir imprimir suscríbete suscribirse regístrate privacidad comentarios publicidad inicio buscar contacto
compartilhar assine entrar cadastre privacidade comentários publicidade
condividi stampa abbonati accedi registrati commenti pubblicità
delen inloggen abonneren reacties dela logga prenumerera
udostępnij drukuj zaloguj zarejestruj komentarze komentarz reklama regulamin prywatności polityka
поделиться распечатать подписаться войти регистрация комментарии комментарий реклама конфиденциальности
поиск контакты главная rss
κοινοποίηση εκτύπωση σύνδεση εγγραφή σχόλια σχόλιο διαφήμιση αρχική επικοινωνία αναζήτηση
"""

MONTHS = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
mon tue wed thu fri sat sun am pm gmt utc est ago hours minutes
januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag uhr
janvier février mars avril juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου
年 月 日
"""
